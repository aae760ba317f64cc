"""Estimates from sums: numpy and scipy, nothing else."""
