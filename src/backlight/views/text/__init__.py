"""Results as plain text for 80 columns: the only place where results are formatted."""
