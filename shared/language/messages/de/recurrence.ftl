# recurrence
