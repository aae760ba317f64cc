"""RecSys ROI: from recommender pilot logs to a ship, hold or roll back verdict."""

from importlib.metadata import version

__version__ = version("recsys-roi")
