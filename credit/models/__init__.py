"""Trade credit and the credit bureau: the rooms are laid out, the first models come with scoring and limits."""
