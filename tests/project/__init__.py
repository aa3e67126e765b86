"""What is asked of the project as a whole: requirements, address, workflows, commands."""
