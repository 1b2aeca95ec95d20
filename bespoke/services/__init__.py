"""Writes, one module a subject, in verbs of the trade: session first, never commit, never Flask, never send.

Every change to a piece goes through `steps.act`: ask the rule, apply the decision, write down what follows.
"""
