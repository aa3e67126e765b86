# A container for tools/grade.py: see README.md, "Teaching with it".
FROM python:3.11-slim
WORKDIR /course
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY benchmarks/results benchmarks/results
COPY mini_dl mini_dl
COPY tools tools
COPY notebooks notebooks
RUN pip install --no-cache-dir -c constraints.txt -e ".[lab,torch]"
