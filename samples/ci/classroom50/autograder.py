"""CLASSROOM/autograders/ASSIGNMENT/autograder.py, with key.grad beside it: grades answers.grad of the student's checkout.

Exit code 0 means graded, right or wrong; anything else is an error of the grader (so that --exit-zero is needed).
"""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = os.environ.get("GRADCLI_SOURCE", "git+https://github.com/OWNER/gradcli")  # or a version from an index: gradcli==…
KEY = Path(__file__).with_name("key.grad")

subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", SOURCE], check=True)
grade = [sys.executable, "-m", "gradcli", "grade", str(KEY), "answers.grad", "--reveal", "hint"]
sys.exit(subprocess.run([*grade, "--report", "classroom50=result.json", "--exit-zero"], check=False).returncode)
