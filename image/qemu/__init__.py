"""A board under QEMU for tests and benchmarks: a card, what firmware does with it, and a plug to pull."""
