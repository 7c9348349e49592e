"""What lies in the zoo's folders: the note with its checksums, what the files may hold,
and what killed runs left.
"""
