"""What every test room shares: properties have no deadline, since a machine may be busy."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
