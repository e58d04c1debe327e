"""A bank's statements as values: MT940 and camt.052, 053 and 054. Pure; what cannot be read is refused by its line."""
