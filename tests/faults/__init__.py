"""Processes killed at named points of the product's work (docs/operations.md, "When something dies")."""
