"""An agency's files to an `Agency`, with every fault named at once. The only folder that imports pydantic and yaml."""
