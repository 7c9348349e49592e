"""What single commands do and say, beside those that make the book.

=========  ===============================================================
module     command
=========  ===============================================================
examples   the examples of each command's help
making     `zoo` and `pack`: trained, taken, written into a pack
run        `run`: one page, held against the committed one
listing    `list`: what is asked for, and what is trained
stored     `claims --stored`: the committed verdicts; nothing is run
explore    `explore`: the explorer alone, opened or served
checks     what `doctor` looks at on this machine
network    what `doctor` looks at beyond it
doctor     `doctor` and `version`
=========  ===============================================================
"""
