"""What every instrument is made of: theme, words, figures, tables, controls, work in the background."""
