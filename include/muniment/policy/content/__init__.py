"""What an official post says and where it comes from, as rules tell it, until a person says otherwise."""
