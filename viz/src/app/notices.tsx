import { dismiss, usePage } from '../state/store.js';

/** What there is to be told, at the edge of the page; a problem is read out at once. */
export function Notices() {
  const notices = usePage((state) => state.notices);
  return (
    <div className="notices">
      {notices.map(({ id, kind, text, details, action }) => (
        <div key={id} className={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
          <p>{text}</p>
          {details.length > 0 && (
            <ul>
              {details.map((detail) => (
                <li key={detail}>{detail}</li>
              ))}
            </ul>
          )}
          {action && (
            <button
              type="button"
              className="plain"
              onClick={() => {
                action.onChoose();
                dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" className="plain" onClick={() => dismiss(id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  );
}
