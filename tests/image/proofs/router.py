"""The second radio as a router."""

from radio import elsewhere

if __name__ == "__main__":
    elsewhere("router")
