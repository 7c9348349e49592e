"""What is asked of language models that were taught no questions of ours: questions
after worked examples, gates by accuracy, words in many contexts, and which layer.
"""
