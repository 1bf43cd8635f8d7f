"""The journal on its way to headquarters, and what comes back."""
