"""Grading: the checks of the exercises, run over notebooks that others wrote.

`submission` takes a function out of a notebook without running the notebook, `worker` is the process that
runs it, `remote` asks that process for answers and judges them here, `folder` does so for a folder of
notebooks and writes grades and feedback. Answers to open questions are found by `answers` and marked by a
person, whose marks `marks` reads back; `gradebook` writes points into a platform's own table.

What crosses the border between the two processes is plain data (`wire`), so that a notebook which changes
the checks changes only its own copy of them.

This is no sandbox: a notebook's code runs with the rights of whoever grades. See the README on running
it in a container without network.
"""
