"""The bench, quick: it runs every row on both engines and writes a whole page. Its figures are nobody's business."""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE = 900.0


async def test_the_quick_bench_writes_a_page_with_every_row(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--quick", "--output", str(page)), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(child.communicate(), PATIENCE)
    assert child.returncode == 0, said.decode()
    text = page.read_text()
    goals = text.split("## Goals")[1].split("## What")[0]
    assert goals.count("`bench/limits/") == 11
    assert "n/a" not in goals
