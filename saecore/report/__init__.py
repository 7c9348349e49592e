"""From numbers to book: records, figures, verdicts and pages."""
