"""What every test shares."""

from hypothesis import settings

# A deadline would turn a busy machine into a failure.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
