"""Examples for the help of each command: what to type, and what it does."""

EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "zoo": [
        ("saecore zoo", "train everything that is missing"),
        ("saecore zoo --only seed absorption_t", "what two pages ask for"),
        ("saecore zoo --from release --only editing", "what a release has, first"),
    ],
    "pack": [
        ("saecore pack saes.safetensors", "all SAEs of the book"),
        ("saecore pack saes.safetensors --headlines", "those of the claims' pages"),
    ],
    "run": [
        ("saecore run absorption", "one page; ends with how many numbers agree"),
        ("saecore run seed --world-seed 7", "on another world"),
    ],
    "book": [
        ("saecore book", "run all pages and build the site"),
        ("saecore book --committed", "the site of the committed pages"),
        ("saecore book --committed --plain-sphinx", "without Jupyter Book"),
    ],
    "claims": [
        ("saecore claims --stored", "a table of the committed verdicts"),
        ("saecore claims absorption", "run one claim's study, and judge"),
        ("saecore claims --stored --json", "the same for programs"),
    ],
    "audit": [
        ("saecore audit my_sae --against other_seed", "the weights alone"),
        (
            "saecore audit my_sae --model my_model --html report.html",
            "with rows of the language model, as a page",
        ),
        ("saecore audit my_sae --json", "for programs; --schema says what it holds"),
    ],
    "judge": [
        (
            "saecore judge --base-url http://localhost:11434/v1 --model qwen3",
            "says its cost, then asks",
        ),
    ],
    "papers": [
        ("saecore papers gpt2 --dry-run", "what it would cost"),
        ("saecore papers pythia", "nine seeds of one SAE, beside the paper"),
    ],
    "batch": [
        ("saecore batch plan plan.json", "the jobs of the book"),
        ("saecore batch make plan.json JOB", "one of them"),
    ],
    "gates": [("saecore gates --profile smollm2", "what it is asked on pages")],
    "site": [("saecore site --profile smollm2", "a table of its layers")],
    "explore": [
        ("saecore explore", "open the explorer in the browser"),
        ("saecore explore --serve 8000 --no-browser", "on a machine without one"),
    ],
    "doctor": [
        ("saecore doctor", "can the book be made here?"),
        ("saecore doctor --no-network --json", "for programs"),
    ],
    "results": [
        ("saecore results --profile smollm2", "every claim, then the curves"),
        ("saecore results editing --profile smollm2", "one claim"),
    ],
    "full": [
        ("saecore full --seeds 7", "one registered world seed"),
        ("saecore full --models one two", "two language models"),
    ],
    "list": [
        ("saecore list --state missing", "what a run would train"),
        ("saecore list --only absorption --kind saes --json", "one page's SAEs"),
    ],
    "publish": [("saecore publish", "notebooks and scripts for the site's readers")],
    "version": [("saecore version --json", "with Python and packages")],
    "pages": [("saecore pages", "after a notebook was changed")],
    "register": [("saecore register", "after a rule was changed")],
    "train-lm": [("saecore train-lm --help", "its options")],
}


def epilog(command: str) -> str:
    """The examples of a command, below its help."""
    rows = EXAMPLES[command]
    width = max(len(line) for line, _ in rows)
    lines = [f"  {line:<{width}}   {what}" for line, what in rows]
    return "\n".join(["examples:", *lines])
