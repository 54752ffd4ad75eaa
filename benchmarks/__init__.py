"""Benchmarks: quality beside speed."""
