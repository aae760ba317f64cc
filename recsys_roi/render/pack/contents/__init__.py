"""What the pack says, before it is paper, slides or a web page."""
