"""Jobs of the worker for peer review. A job is enqueued in the caller's transaction and is safe to run twice."""
