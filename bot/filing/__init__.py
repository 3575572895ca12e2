"""The record leaves the house: one file per form it takes. Decides nothing about what stands in it."""
