"""What a shop does. No web pages, no hardware."""
