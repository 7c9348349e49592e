"""The matchings that the authors of the seeds paper published, looked at again."""
