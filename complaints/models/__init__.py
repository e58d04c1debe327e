"""Complaints, enquiries and bureau disputes: the rooms are laid out, the first models come with the deadline clocks."""
