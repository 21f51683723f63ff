"""What is in an image: components, licences, known vulnerabilities. For plain Python ≥ 3.11, without packages."""
