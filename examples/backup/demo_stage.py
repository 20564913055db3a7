"""The page that the audience of the demonstration sees."""

import sys

try:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn
except ImportError:
    sys.exit("demo: the package python3-rich is missing: apt-get install python3-rich")

PATIENCE = 120.0
"""Seconds that a backup of the demonstration may take."""


class Stage:
    """Headings, facts in two columns, and on a terminal a bar while a backup runs."""

    def __init__(self):
        self.live = sys.stdout.isatty()
        self.console = Console(width=None if self.live else 100, highlight=False, soft_wrap=not self.live)
        self.width = min(100, self.console.width)
        self.wrong = []

    def heading(self, title, line=""):
        gap = "─" * max(2, self.width - len(title) - 2)
        self.console.print(f"\n[bold cyan]{title}[/] [dim]{gap}[/]")
        if line:
            self.console.print(f"  [dim]{escape(line)}[/]")

    def fact(self, name, text, good=None):
        """A line of the story, with a mark where it was checked."""
        mark = " " if good is None else "[green]✓[/]" if good else "[bold red]✗[/]"
        self.console.print(f"  [bold]{name:<10}[/] {mark} {text}")

    def claim(self, truth, sentence):
        """A sentence of the story; one that is not true ends the demonstration with an error."""
        if not truth:
            self.wrong.append(sentence)
            self.console.print(f"  [bold red]not true   ✗ {escape(sentence)}[/]")
        return truth

    def watch(self, running, until, doing):
        """Shows the progress of a run until it comes to `until` (a share) or ends; whether it came there."""
        if not self.live:
            return running.reach(until, PATIENCE)
        columns = (
            TextColumn("  {task.description:<10}"),
            BarColumn(self.width - 24),
            TextColumn("{task.percentage:3.0f} %"),
        )
        with Progress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task(doing, total=1)

            def there():
                bar.update(task, completed=running.progress())
                return running.progress() >= until

            return running.wait_for(there, PATIENCE)
