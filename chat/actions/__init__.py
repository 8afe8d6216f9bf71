"""The only writers. An action checks what the database must decide, writes in one transaction, then announces."""
