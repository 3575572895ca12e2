"""The schema's history, one file a step, up and down. A file that was released is never changed."""
