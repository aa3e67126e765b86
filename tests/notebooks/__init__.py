"""What is asked of every notebook: its rules, its outputs run again, its running time, Colab."""
