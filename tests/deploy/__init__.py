"""What deploy/ holds for containers: checked by the tools that know it, and run as far as that goes here."""
