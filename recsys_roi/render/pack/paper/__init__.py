"""Paper and pictures, set with typst."""
