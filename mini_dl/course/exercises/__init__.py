"""Declarations of the checked exercises, one module a chapter: reference, cases, usual mistakes.

Spoilers: the references are the solutions.
"""
