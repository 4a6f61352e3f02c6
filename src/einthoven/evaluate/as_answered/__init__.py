"""The whole engine as users get it, measured next to the bare model: gate, rhythm, criteria and consistency."""
