"""The dashboard: the frame, and the chosen page in it."""

from recsys_roi.dashboard import frame

frame.open_frame().run()
