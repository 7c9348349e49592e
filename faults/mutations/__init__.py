"""Mutation tests: the source is changed in one place, and the tests have to fail.

Written here and not taken from mutmut or cosmic-ray: both start pytest anew for every
mutant, which takes longer than most of these tests since torch is imported each time,
and neither runs tests under `--import-mode=importlib` against files of one's choice for
each module. Here a mutant is a fork of a process that has imported everything but the
package. Strings, annotations and decorators are left as they are.
"""
