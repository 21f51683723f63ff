"""The second radio as a phone."""

from radio import elsewhere

if __name__ == "__main__":
    elsewhere("phone")
