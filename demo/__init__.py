"""The demo course: a September cohort that nobody is in, to try the product with. Never in production."""
