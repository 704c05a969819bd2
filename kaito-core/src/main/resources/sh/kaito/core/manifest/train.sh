# Runs the trainer that the arguments are, with the server of GPU figures beside it.
python3 metrics_server.py &
exec "$@"
