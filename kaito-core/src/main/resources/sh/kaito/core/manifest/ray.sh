# $1 pods form one Ray cluster whose leader is host $2, port $3. The leader serves the model with
# the remaining arguments; its liveness check looks for this very command line.
set -eu
if [ "$POD_INDEX" != 0 ]; then
  exec /workspace/vllm/multi-node-serving.sh worker --ray_address="$2" --ray_port="$3"
fi
/workspace/vllm/multi-node-serving.sh leader --ray_cluster_size="$1" --ray_port="$3"
shift 3
exec python3 /workspace/vllm/inference_api.py "$@"
