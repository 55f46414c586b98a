"""What the tool knows: 96 books, each by a writer of its own, each writer from a town of its own."""

SYLLABLES = ("Ka", "Lo", "Mi", "Nu", "Pe", "Ra", "So", "Ti")
BOOKS = [(first, second, n) for n in range(2) for first in SYLLABLES for second in SYLLABLES[:6]]
WROTE = {f"The {a}{b.lower()} {n}": f"{a}{b.lower()} {SYLLABLES[n]}son" for a, b, n in BOOKS}
BORN = {writer: writer.replace(" ", "")[::-1].capitalize() for writer in WROTE.values()}
