"""What an answer is: its outcome and the signals that led to it. Pure: values in, values out."""
