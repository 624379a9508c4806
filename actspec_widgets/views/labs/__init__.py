"""Instruments that make their own problem: recovery, noise, dropout."""
