"""What the benchmarks share: footage, runs of the agent, runs of its peers, counters of the kernel."""
