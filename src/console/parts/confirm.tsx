/** A question before something is done. The browser's own dialog: it keeps the focus, and Escape leaves it. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words/language';

interface ConfirmProps {
  readonly title: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
  readonly children?: ComponentChildren;
}

export function Confirm({ title, action, danger, busy, onYes, onNo, children }: ConfirmProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h2 id="confirm-title">{title}</h2>
      {children}
      <div class="row">
        <button type="button" class={danger ? 'danger' : 'main'} disabled={busy} onClick={onYes}>
          {action}
        </button>
        <button type="button" onClick={onNo}>
          {t('cancel')}
        </button>
      </div>
    </dialog>
  );
}
