# Other names for the commands of run.py, which needs no make.
.PHONY: serve test check format lock
serve test check format lock:
	@python3 run.py $@
