/* Stands before the code of each widget; see heard.py. */
async function hearAgain(model) {
  const own = await model.widget_manager.get_model(model.get("own_id"));
  if (!own.comm) return;
  const nothing = { content: { data: {} } };
  own._handle_comm_msg(nothing).catch(() => {
    const plain = Object.getPrototypeOf(Object.getPrototypeOf(own))._handle_comm_msg;
    own.comm.on_msg((message) => plain.call(own, message));
    own.comm.send({ method: "request_state" }, {});
  });
}

function initialize({ model }) {
  hearAgain(model).catch(() => {}); // not waited for; other programs than Jupyter have no such models, and no such limit
}

